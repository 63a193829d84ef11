/** Ten messages, each with its bid in msat per byte sent. */
export const MESSAGES: readonly { readonly text: string; readonly bidPerByte: number }[] = [
  {
    // Long enough to occupy the channel while the others are paid.
    text: `Four score and seven years ago our fathers brought forth on this continent, a new nation, conceived in Liberty, and dedicated to the proposition that all men are created equal. Now we are engaged in a great civil war, testing whether that nation, or any nation so conceived and so dedicated, can long endure. We are met on a great battle-field of that war. We have come to dedicate a portion of that field, as a final resting place for those who here gave their lives that that nation might live. It is altogether fitting and proper that we should do this. But, in a larger sense, we can not dedicate, we can not consecrate, we can not hallow this ground. The brave men, living and dead, who struggled here, have consecrated it, far above our poor power to add or detract. The world will little note, nor long remember what we say here, but it can never forget what they did here.\n\n`.repeat(
      4,
    ),
    bidPerByte: 1,
  },
  { text: 'What hath God wrought', bidPerByte: 21 },
  { text: 'Mr. Watson, come here, I want to see you.', bidPerByte: 30 },
  { text: 'The Times 03/Jan/2009 Chancellor on brink of second bailout for banks', bidPerByte: 50 },
  { text: 'CQD CQD SOS Titanic Position 41.44 N 50.24 W', bidPerByte: 45 },
  { text: 'The Eagle has landed.', bidPerByte: 40 },
  { text: 'Merry Christmas', bidPerByte: 25 },
  { text: 'LO', bidPerByte: 35 },
  { text: 'Houston, we’ve had a problem here.', bidPerByte: 28 },
  { text: 'S', bidPerByte: 55 },
];
